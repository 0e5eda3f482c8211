"""Make the demo's videos and documents anew: `python -m frontend.media`.

They are committed; this is run when videos.toml or documents.toml changes, wherever ffmpeg and
Chromium are. In a video, slides change a few times and a bar grows along the bottom, one frame a
second, so that an hour of video in all takes a few hundred KB.
"""

import subprocess
import tempfile
import tomllib
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, PdfMargins, sync_playwright

from config.embedded.addresses import CHECKOUT

VIDEOS = Path(__file__).with_name("videos.toml")
DOCUMENTS = Path(__file__).with_name("documents.toml")
TARGET = CHECKOUT / "tracking" / "static" / "demo"
CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT, BAR = 640, 360, 6
# One key frame and one thread: small, and the same again on the same ffmpeg.
ENCODING = (
    "-c:v libvpx-vp9 -crf 44 -b:v 0 -g 9999 -row-mt 0 -threads 1 -deadline good -cpu-used 2 "
    "-fflags +bitexact -flags:v +bitexact -map_metadata -1"
)

SLIDE = """<style>
body {{ margin: 0; padding: 44px 48px; box-sizing: border-box; width: 640px; height: 360px;
       background: #f5f6f9; color: #151b29; font-family: Inter, sans-serif; }}
small {{ color: #3448c5; font-size: 15px; font-weight: 600; }}
h1 {{ font-size: 34px; line-height: 1.15; margin: 18px 0 14px; letter-spacing: -0.02em; }}
p {{ font-size: 21px; line-height: 1.45; color: #3a4459; margin: 0; }}
</style><small>{number}</small><h1>{heading}</h1><p>{text}</p>"""

DOCUMENT = """<html lang="en"><head><title>{title}</title><style>
body {{ margin: 0; color: #151b29; font: 13pt/1.5 Inter, sans-serif; }}
h1 {{ font-size: 26pt; line-height: 1.15; margin: 0 0 8mm; letter-spacing: -0.02em; }}
p {{ color: #3a4459; margin: 0 0 8mm; }}
li {{ margin: 0 0 4mm; padding-left: 2mm; }}
</style></head><body><h1>{title}</h1><p>{lead}</p><ul>{points}</ul></body></html>"""
MARGINS: PdfMargins = {"top": "28mm", "bottom": "28mm", "left": "26mm", "right": "26mm"}


def main() -> None:
    videos = tomllib.loads(VIDEOS.read_text())
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for file_name, video in videos.items():
            slides = draw(page, video, Path(name))
            encode(slides, video["seconds"], TARGET / f"{file_name}.webm")
        for file_name, document in tomllib.loads(DOCUMENTS.read_text()).items():
            write(page, document, TARGET / f"{file_name}.pdf")
        browser.close()


def draw(page: Page, video: dict[str, Any], directory: Path) -> list[Path]:
    """A picture of each slide, the title first."""
    count = len(video["slides"])
    slides = [("Pulseboard", video["title"], f"In {count} parts")]
    slides += [
        (f"{number} / {count}", heading, text)
        for number, (heading, text) in enumerate(video["slides"], start=1)
    ]
    paths = []
    for place, (number, heading, text) in enumerate(slides):
        page.set_content(
            SLIDE.format(number=number, heading=escape(heading), text=escape(text)),
        )
        paths.append(directory / f"{place}.png")
        page.screenshot(path=paths[-1])
    return paths


def encode(slides: list[Path], seconds: int, target: Path) -> None:
    """A silent video of exactly so many seconds."""
    starts = [0, *(6 + (seconds - 6) * place // (len(slides) - 1) for place in range(len(slides)))]
    listing = slides[0].with_name("slides.txt")
    lines = [
        f"file '{slide}'\nduration {end - start}"
        for slide, (start, end) in zip(slides, pairwise(starts), strict=True)
    ]
    listing.write_text("\n".join([*lines, f"file '{slides[-1]}'"]))
    bar = f"color=0x3448c5:size={WIDTH}x{BAR}:rate=1"
    grow = f"[0]fps=1[v];[v][1]overlay=x=-W+W*(t+1)/{seconds}:y=H-{BAR},format=yuv420p"
    sources = f"-f concat -safe 0 -i {listing} -f lavfi -i {bar}"
    command = f"ffmpeg -y -loglevel error {sources} -filter_complex {grow} -t {seconds} {ENCODING}"
    subprocess.run(
        [*command.split(), target],
        check=True,
    )


def write(page: Page, document: dict[str, Any], target: Path) -> None:
    """One page, as PDF."""
    points = "".join(f"<li>{escape(point)}</li>" for point in document["points"])
    title, lead = escape(document["title"]), escape(document["lead"])
    page.set_content(DOCUMENT.format(title=title, lead=lead, points=points))
    page.pdf(path=target, format="A4", margin=MARGINS, tagged=True)


if __name__ == "__main__":
    main()
