from zhenwu.lib.recent import Recent


def test_what_nobody_asked_for_longest_goes_first():
    recent = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.get("a") == 1
    recent.keep("c", 3)
    assert ("a" in recent, "b" in recent, "c" in recent) == (True, False, True)
    assert recent.get("b") is None


def test_looking_whether_it_is_there_is_not_asking():
    recent = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert "a" in recent
    recent.keep("c", 3)
    assert "a" not in recent


def test_a_value_kept_anew_is_the_newest():
    recent = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    recent.keep("a", 9)
    recent.keep("c", 3)
    assert (recent.get("a"), recent.get("b")) == (9, None)
