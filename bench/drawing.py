"""How the plots look; the same results give the same bytes."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

BLUE, AMBER, GREEN, GREY = "#2563eb", "#f59e0b", "#10b981", "#94a3b8"
TEXT, GRID = "#1e293b", "#e2e8f0"
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": TEXT,
    "axes.edgecolor": GRID,
    "axes.labelcolor": TEXT,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "svg.hashsalt": "pulseboard",
    "svg.fonttype": "path",
}


def headline(figure: Figure, text: str) -> None:
    """Put a title over the whole figure."""
    figure.suptitle(text, fontsize=12, fontweight="bold", x=0.01, ha="left")


def thousands() -> FuncFormatter:
    """Return what writes numbers with their commas along an axis."""
    return FuncFormatter(lambda value, _: f"{value:,.0f}")


def save(draw: Callable[[], Figure], path: Path) -> None:
    """Draw in the style of all plots and write the picture."""
    with mpl.rc_context(STYLE):
        draw().savefig(path, facecolor="white", metadata={"Date": None, "Creator": None})
