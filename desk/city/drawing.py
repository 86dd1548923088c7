"""A lifecycle drawn: its states and steps as a Mermaid diagram, and its steps as a table."""

from __future__ import annotations

from desk.city.lifecycle import Lifecycle, Needed, Transition

_NEEDS = {
    Needed.NOTE: "说明",
    Needed.DEPARTMENT: "承办单位",
    Needed.OTHER_DEPARTMENT: "另一个承办单位",
    Needed.UNTIL: "到什么时候",
    Needed.URGENCY: "紧急程度",
}
_HEAD = """\
# 工单怎么走

由 `yingsheng lifecycle > docs/lifecycle.md` 画出，照 `cities/<城市>/lifecycle.yml`；改了那个文件就重画。
带 ⏸ 的状态办理时限停表。不改变状态的动作只在表里。
"""


def draw(lifecycle: Lifecycle) -> str:
    """The whole page."""
    return f"{_HEAD}\n```mermaid\n{_diagram(lifecycle)}\n```\n\n{_table(lifecycle)}"


def _diagram(lifecycle: Lifecycle) -> str:
    lines = ["stateDiagram-v2"]
    for code, state in lifecycle.states.items():
        stands = "" if state.clock or state.ended else " ⏸"
        lines.append(f'    state "{state.label}{stands}" as {code}')
    lines.append(f"    [*] --> {lifecycle.initial}")
    steps: dict[tuple[str, str], list[str]] = {}
    for transition in lifecycle.transitions.values():
        for source in transition.sources:
            for target in _targets(lifecycle, transition, source):
                steps.setdefault((source, target), []).append(transition.label)
    for (source, target), labels in steps.items():
        lines.append(f"    {source} --> {target}: {'、'.join(labels)}")
    lines += [f"    {code} --> [*]" for code, state in lifecycle.states.items() if state.ended]
    return "\n".join(lines)


def _targets(lifecycle: Lifecycle, transition: Transition, source: str) -> list[str]:
    """The other states that a step leads to from one."""
    if source in transition.back:
        return [code for code in lifecycle.states if code in lifecycle.entered_from(source)]
    return [transition.to] if transition.to and transition.to != source else []


def _table(lifecycle: Lifecycle) -> str:
    rows = ["| 动作 | 代码 | 从 | 到 | 谁 | 必须给出 |", "|---|---|---|---|---|---|"]
    for one in lifecycle.transitions.values():
        sources = "、".join(lifecycle.states[code].label for code in one.sources)
        target = lifecycle.states[one.to].label if one.to else "原状态"
        if one.back:
            left = "、".join(lifecycle.states[code].label for code in one.back)
            target = f"从{left}回到以前的状态" + (
                "" if set(one.back) == set(one.sources) else "，其余不变"
            )
        roles = "、".join(role.label for role in one.roles)
        needs = "、".join(_NEEDS[need] for need in one.needs) or "–"
        label = f"{one.label}（最多 {one.most} 次）" if one.most else one.label
        rows.append(f"| {label} | `{one.action}` | {sources} | {target} | {roles} | {needs} |")
    return "\n".join(rows) + "\n"
