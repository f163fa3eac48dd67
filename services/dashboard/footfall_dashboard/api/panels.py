"""Routes of the panels: what they are, their rows as JSON and CSV."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from footfall_chassis.described import problems
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from footfall_dashboard.api.models import UNKNOWN, WRONG, PanelInfoModel, PanelModel, PanelsModel
from footfall_dashboard.api.rows import as_csv
from footfall_dashboard.live.board import Board
from footfall_dashboard.live.catalog import BY_ID, CATALOG
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.panel import Panel, document, text
from footfall_dashboard.live.view import Range, RangeError

FRESH = {"cache-control": "no-store"}

Begin = Annotated[
    AwareDatetime | None,
    Query(
        alias="from", description="Begin of the range; without it, the panel's own.", examples=["2026-03-01T11:00:00Z"]
    ),
]
End = Annotated[
    AwareDatetime | None,
    Query(
        alias="to",
        description="End of the range, which is not part of it; without it, the newest minute.",
        examples=["2026-03-01T12:00:00Z"],
    ),
]
PanelId = Annotated[str, Path(max_length=64, description="Id of the panel.", examples=["money"])]


def panel_router(live: Live, board: Board) -> APIRouter:
    """Return the routes of the panels."""
    router = APIRouter(tags=["panels"])
    infos = [PanelInfoModel.model_validate(info) for info in CATALOG]
    every = PanelsModel(time_zone=live.zone.key, panels=infos).model_dump_json()

    @router.get("/v1/panels", response_model=PanelsModel, response_description="All panels in the page's order.")
    async def panels() -> Response:
        """Return what each panel is: its title, topics, columns and how it is drawn."""
        return Response(every, media_type="application/json", headers=FRESH)

    @router.get(
        "/v1/panels/{panel_id}.csv",
        response_class=Response,
        responses={
            200: {"content": {"text/csv": {}}, "description": "Names of columns, then rows."},
            **problems(UNKNOWN, WRONG),
        },
    )
    async def rows(panel_id: PanelId, begin: Begin = None, end: End = None) -> Response:
        """Return a panel's rows as CSV; text that a spreadsheet would take for a formula begins with an apostrophe."""
        _known(panel_id)
        panel = await _drawn(panel_id, begin, end)
        headers = FRESH | {"content-disposition": f'attachment; filename="{panel_id}.csv"'}
        return Response(as_csv(BY_ID[panel_id], panel), media_type="text/csv", headers=headers)

    @router.get(
        "/v1/panels/{panel_id}",
        response_model=PanelModel,
        response_description="The panel.",
        responses=problems(UNKNOWN, WRONG),
    )
    async def panel(panel_id: PanelId, begin: Begin = None, end: End = None) -> Response:
        """Return a panel as it is now, or of a range of event time as far as it is in memory."""
        _known(panel_id)
        notice = board.get(panel_id)
        if begin is None and end is None and notice:
            body = notice.body
        else:
            body = text(document(await _drawn(panel_id, begin, end), 0))
        return Response(body, media_type="application/json", headers=FRESH)

    async def _drawn(panel_id: str, begin: datetime | None, end: datetime | None) -> Panel:
        try:
            return await run_in_threadpool(live.draw, panel_id, Range(begin, end))
        except RangeError as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error

    return router


def _known(panel_id: str) -> None:
    if panel_id not in BY_ID:
        raise HTTPException(HTTPStatus.NOT_FOUND)
