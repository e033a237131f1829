"""Points: typed in any spelling, shown on a map of what one may see, and no tile server unless the instance names one."""

import pytest

from zhenwu.config.instance import Instance, InstanceProblem
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures


@pytest.fixture
def trial(running, places):  # noqa: F811
    spot = text(2, "spot", type='"geo"')
    return running(trial=pack("trial", text(1, "name"), spot, text(3, "home", type='"geo"', privacy='"S3"')))["trial"]


def typed(place, spot):
    return {"name": "甲", "spot": spot, "division": place.pk, "act": "save"}


def test_a_point_is_typed_as_on_the_phone_and_shown_on_a_map(trial, live, chen, places):
    answer = live(chen).post("/ledgers/trial/new/", typed(places["青山村"], "北纬27°39′18″ 东经106°7′12″"))
    assert trial.rows("test").get().spot == "106.120000,27.655000"
    page = live(chen).get(answer["Location"]).content.decode()
    assert 'data-map="106.120000,27.655000"' in page
    assert "build/map.js" in page
    assert "data-tiles" not in page
    wrong = live(chen).post("/ledgers/trial/new/", typed(places["青山村"], "27.1,28.2")).content.decode()
    assert "两个数都像纬度" in wrong


def test_the_points_of_a_map_are_those_one_sees(trial, live, chen, wu, places):
    live(chen).post("/ledgers/trial/new/", typed(places["青山村"], "106.12,27.65"))
    no = trial.rows("test").get().no
    url = "/ledgers/trial/points/spot/"
    assert live(chen).get(url).json() == {"points": [{"name": no, "lon": 106.12, "lat": 27.65}]}
    assert live(wu).get(url).json() == {"points": []}
    assert live(chen).get("/ledgers/trial/points/home/").status_code == 404
    assert live(chen).get("/ledgers/trial/points/name/").status_code == 404


def test_pages_without_points_load_no_map(live, chen, places):
    assert "build/map.js" not in live(chen).get("/ledgers/person/new/").content.decode()


def test_a_tile_server_is_named_by_the_instance_or_not_at_all(tmp_path):
    file = tmp_path / "instance.toml"
    file.write_text("")
    assert Instance.load(tmp_path).map == {}
    file.write_text('[map]\ntiles = "https://map.example/{z}/{x}/{y}.png"\ncredit = "某图"\n', encoding="utf-8")
    assert Instance.load(tmp_path).map["origin"] == "https://map.example"
    file.write_text('[map]\ntiles = "https://a;script-src *//{z}"\n')
    with pytest.raises(InstanceProblem, match="瓦片地址"):
        Instance.load(tmp_path)
