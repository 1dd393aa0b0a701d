"""The figures about acts of one month, from journal.jsonl and nothing else.

Written apart from the site, with the standard library only, to be compared with its report:

    python recompute_month.py journal.jsonl 2026-11
"""

import json
import math
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

RESTRICTS = ("refuse", "hide", "rewrite", "erase", "warn", "silence", "exclude", "shut", "slow")
PUTS_RIGHT = ("restore", "lift", "reopen")


def month_of(entry):
    return (
        datetime.fromisoformat(entry["at"]).astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m")
    )


def seconds_waited(entry):
    waited = datetime.fromisoformat(entry["at"]) - datetime.fromisoformat(entry["since"])
    return waited.days * 86400 + waited.seconds


def tally(values):
    table: dict[str, int] = {}
    for value in values:
        if value != "":
            table[value] = table.get(value, 0) + 1
    return table


def main(path, month):
    with open(path, encoding="utf-8") as lines:
        record = {entry["number"]: entry for entry in map(json.loads, lines)}
    made = [entry for entry in record.values() if month_of(entry) == month]
    earlier = [entry for entry in record.values() if month_of(entry) <= month]
    taken_back = [entry["answers"] for entry in made if entry["action"] == "undo"]

    def outcome(*origins):
        granted = declined = 0
        for entry in made:
            if entry["number"] in taken_back or entry.get("origin", "") not in origins:
                continue
            wanted: tuple[str, ...] = RESTRICTS
            contested = record.get(entry.get("answers"))
            asks_back = entry["origin"] in ("appeal", "review")
            if asks_back and contested and contested["action"] in RESTRICTS:
                wanted = (*PUTS_RIGHT, "approve")
            if entry["action"] in wanted:
                granted += 1
            else:
                declined += 1
        return {"granted": granted, "declined": declined}

    waited = sorted(seconds_waited(entry) for entry in made if "since" in entry)

    def rank(share):
        return waited[math.ceil(share * len(waited)) - 1] if waited else None

    acts = {
        "acts": len(made),
        "automated": len([e for e in made if e["names"][0] == "" and e["names_salt"] != ""]),
        "alone": len([e for e in made if e.get("alone")]),
        "reversals": len([e for e in made if e["action"] in PUTS_RIGHT]),
        "undone": len(taken_back),
        "actions": tally(e["action"] for e in made),
        "grounds": tally(e["ground"] for e in made),
        "duties": tally(e["duty"] for e in made),
        "origins": tally(e.get("origin") or "own" for e in made),
        "moderators": tally(e["names"][0] for e in made),
        "delays": {"acts": len(waited), "median": rank(0.5), "p95": rank(0.95)},
        "reports": outcome("report", "law"),
        "appeals": outcome("appeal"),
        "reviews": outcome("review"),
    }
    closing = [e for e in record.values() if e["reference"] == f"month/{month}"]
    json.dump(
        {
            "acts": acts,
            "head": {"number": earlier[-1]["number"], "digest": earlier[-1]["digest"]},
            "entry": closing[0]["number"] if closing else None,
            "counted": json.loads(closing[0]["reason"]) if closing else None,
        },
        sys.stdout,
    )


main(*sys.argv[1:])
