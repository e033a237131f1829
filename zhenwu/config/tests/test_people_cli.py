"""`zhenwu people`: registered twice, joined, parted; what is refused says why and changes nothing."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, SourceKind
from zhenwu.config.cli import people as commands
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.people.models import Person

BORN = date(1953, 2, 14)


@pytest.fixture
def run(places, command_of):
    return command_of(commands, "people")


@pytest.fixture
def twice(lin, places):
    """One man registered twice; the second registration alone knows how he is married, and is a guardian."""

    def person(name, born, **values):
        said = {"name": name, "sex": "1", "birth": born} | values
        change = commit(Draft("person", lin, [Add(said, places["青山村"].pk)], Source(SourceKind.FORM)))
        return Person.objects.unscoped("test").get(change=change)

    keep = person("张三", BORN, idno="519999195302141012", idno_kind="ok")
    gone = person("张三", BORN, idno_kind="none_newborn", marriage="30")
    child = person("张小", date(2010, 1, 1), idno_kind="none_newborn", guardian=gone.pk)
    return keep.no, gone.no, child.no


def of(no):
    return Person.objects.unscoped("test").get(no=no)


def test_doubles_are_listed_merged_and_split(run, twice, lin):
    as_lin = ("--as", lin.username)
    keep, gone, child = twice
    code, (pair,) = run("doubles", "--json")
    assert (code, pair["score"], {one["no"] for one in pair["persons"]}) == (0, 100, {keep, gone})
    assert run("doubles")[1].endswith("共1对。\n")
    code, said = run("merge", keep, gone, "--reason", "核对户口簿，为同一人", *as_lin, "--json")
    assert (code, said["keep"], said["gone"], said["ledgers"]) == (0, keep, gone, ["person"])
    assert (of(keep).marriage, of(gone).merged_into.no, of(child).guardian.no) == ("30", keep, keep)
    assert run("doubles", "--json") == (0, [])
    code, said = run("split", gone, "--reason", "是堂兄弟", *as_lin, "--json")
    assert (code, said["restored"]) == (0, gone)
    assert (of(keep).marriage, of(gone).is_void, of(child).guardian.no) == (None, False, gone)


def test_what_is_refused_says_why_and_changes_nothing(run, twice, lin, chen):
    keep, gone, _ = twice
    as_lin = ("--as", lin.username)
    before = Change.objects.count()
    assert run("merge", keep, "没有", "--reason", "试", *as_lin)[0] == 2
    code, said = run("merge", gone, keep, "--reason", "试", *as_lin)
    assert "请保留有身份证号的那一条" in said
    assert code == 1
    assert run("merge", keep, gone, "--reason", " ", *as_lin)[0] == 1
    assert run("merge", keep, gone, *as_lin)[0] == 2  # without a reason
    assert run("merge", keep, gone, "--reason", "试")[0] == 2  # by nobody
    code, said = run("merge", keep, gone, "--reason", "试", "--as", chen.username)
    assert (code, "审核" in said) == (1, True)
    code, said = run("split", keep, "--reason", "试", *as_lin)
    assert (code, said) == (1, f"没有拆分，什么都没有改动：{keep}没有并入别人。")
    assert Change.objects.count() == before
