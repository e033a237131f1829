import subprocess
import sys

from zhenwu.lib.pinyin import initials, syllables, syllables_of_words


def test_names_are_read_letter_by_letter_and_surnames_as_surnames():
    assert syllables("单雄信") == ["shan", "xiong", "xin"]
    assert syllables("尉迟恭") == ["yu", "chi", "gong"]
    assert initials("张三") == "zs"


def test_words_are_read_as_wholes():
    assert syllables_of_words("重庆银行") == ["chong", "qing", "yin", "hang"]
    assert syllables_of_words("长度") == ["chang", "du"]


def test_a_process_that_reads_names_holds_no_words():
    code = (
        "import sys; from zhenwu.lib.pinyin import syllables, syllables_of_words;"
        "before = syllables('行长'), 'pypinyin.phrases_dict' in sys.modules; syllables_of_words('行长');"
        "print(before[0] == syllables('行长'), before[1], 'pypinyin.phrases_dict' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.split() == ["True", "False", "True"]
