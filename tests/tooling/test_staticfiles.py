import re
from pathlib import Path

import pytest
from django.core.management import call_command

from cmdebate.staticfiles import JoinedStaticFilesStorage


@pytest.fixture
def source(tmp_path: Path, settings) -> Path:
    source = tmp_path / "source"
    (source / "css").mkdir(parents=True)
    (source / "fonts").mkdir()
    (source / "fonts/text.woff2").write_bytes(b"font")
    (source / "css/site.css").write_text(
        "@layer base, print;\n\n"
        '@import url("base.css") layer(base);\n'
        '@import url("print.css") layer(print) print;\n'
    )
    (source / "css/base.css").write_text(
        '@font-face { font-family: "T"; src: url("../fonts/text.woff2"); }\n'
    )
    (source / "css/print.css").write_text("a { color: black; }\n")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "cmdebate.staticfiles.JoinedStaticFilesStorage"}
    }
    return source


def served_sheet(static_root: Path) -> str:
    call_command("collectstatic", verbosity=0, interactive=False)
    return (static_root / JoinedStaticFilesStorage().stored_name("css/site.css")).read_text()


def test_imported_layers_stand_in_the_sheet_with_hashed_addresses(source, settings) -> None:
    sheet = served_sheet(settings.STATIC_ROOT)

    font = re.search(r"\.\./fonts/text\.\w{12}\.woff2", sheet)
    assert font
    assert sheet == (
        "@layer base, print;\n\n"
        f'@layer base {{\n@font-face {{ font-family: "T"; src: url("{font[0]}"); }}\n}}\n\n'
        "@media print {\n@layer print {\na { color: black; }\n}\n}\n\n"
    )


def test_a_change_in_an_imported_sheet_changes_the_address(source, settings) -> None:
    first = served_sheet(settings.STATIC_ROOT)
    (source / "css/print.css").write_text("a { color: red; }\n")

    assert served_sheet(settings.STATIC_ROOT) == first.replace("black", "red")
    assert len(list((settings.STATIC_ROOT / "css").glob("site.*.css"))) == 2


def test_a_missing_imported_sheet_is_an_error(source, settings) -> None:
    (source / "css/print.css").unlink()

    with pytest.raises(FileNotFoundError, match=r"print\.css"):
        served_sheet(settings.STATIC_ROOT)
