"""How the site's own files are stored: compressed, and named after what they hold."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

LAYER_IMPORT = re.compile(
    r'@import url\("(?P<sheet>[\w-]+\.css)"\) layer\((?P<layer>[\w-]+)\)(?: (?P<media>[^;]+))?;'
)


class JoinedSheets:
    """A storage as it is read, but for the layers that a sheet imports: they stand in it."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def read(self, name: str) -> str:
        with self.storage.open(name) as file:
            text: str = file.read().decode()
        return text

    def open(self, name: str) -> "ContentFile[bytes]":
        def layer(match: re.Match[str]) -> str:
            # A sheet and what it imports share a folder: addresses in them stay right.
            sheet = self.read(str(PurePosixPath(name).with_name(match["sheet"])))
            text = f"@layer {match['layer']} {{\n{sheet}}}\n"
            return f"@media {match['media']} {{\n{text}}}\n" if match["media"] else text

        return ContentFile(LAYER_IMPORT.sub(layer, self.read(name)).encode())


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """One request for all of a sheet's layers, where a browser would make one for each."""

    def post_process(
        self, paths: dict[str, tuple[Any, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        joined = {
            name: (JoinedSheets(storage) if name.endswith(".css") else storage, path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(joined, dry_run=dry_run, **options)
