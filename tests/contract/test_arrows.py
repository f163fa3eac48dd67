"""How much the folders of analytics know of each other; which way arrows may point is lint's business."""

import grimp

PACKAGE = "footfall_analytics"
MOST = 37
"""Imports between modules of different folders."""


def test_folders_of_analytics_have_few_arrows_between_them() -> None:
    graph = grimp.build_graph(PACKAGE)
    folders = {name.removeprefix(f"{PACKAGE}.") for name in graph.find_children(PACKAGE) if graph.find_children(name)}
    assert {"planning", "compiling", "running", "reading"} <= folders

    def folder(module: str) -> str:
        return module.split(".")[1] if module.count(".") else ""

    arrows = [
        (module, imported)
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if folder(module) != folder(imported) and {folder(module), folder(imported)} <= folders
    ]

    assert 0 < len(arrows) <= MOST, "\n".join(f"{module} -> {imported}" for module, imported in sorted(arrows))
