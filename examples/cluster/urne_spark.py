#!/usr/bin/env python3
"""Audits election records in shards on Apache Spark. README.md beside this file says what is done where."""

import argparse
import filecmp
import os
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from pyspark import SparkConf, SparkContext

BUCKETS = 64
# What a roll entry costs where a ballot costs 1; for the time left.
ENTRY = 0.07


class Refused(Exception):
    """What goes wrong with the cluster, its files or its parts; of a false record the verdict tells."""


class Shard:
    """Something that one program does: its name, the command and the line that asks for it."""

    def __init__(self, name, command, line, ballots=0, weight=1.0):
        self.name, self.command, self.line = name, command, line
        self.ballots, self.weight = ballots, weight


def shards(kind, command, total, size):
    for first in range(0, total, size):
        count = min(size, total - first)
        ballots, weight = (count, count) if kind == "ballots" else (0, count * ENTRY)
        yield Shard(f"{kind}-{first}-{count}", command, f"{first}\t{count}", ballots, weight)


def program(arguments, command, folder, *more):
    usage = ["--usage", str(arguments.usage)] if arguments.usage else []
    return [arguments.program, command, *map(str, (folder, *more)), *usage]


def call(arguments, command, folder, *more, **streams):
    """Runs a program on this machine, which says on standard error what is wrong."""
    done = subprocess.run(program(arguments, command, folder, *more), text=True, **streams)
    if done.returncode:
        raise Refused(f"{command} ends with status {done.returncode}")
    return done.stdout


def keep(lines, place):
    """On a worker: keeps what a program said, if it said all of it. No one finds half of it."""
    said = [f"by\t{socket.gethostname()}"]
    try:
        for line in lines:
            said.append(line)
    except Exception as error:
        # The program's own words, if there are any.
        raise RuntimeError(said[-1] if said[-1].startswith("error\t") else str(error)) from error
    if not said[-1].startswith("report\t"):
        raise RuntimeError(f"error\t{place}: the program ended without a report")
    aside = place.with_name(f".{place.name}.{socket.gethostname()}.{os.getpid()}")
    aside.write_text("\n".join(said) + "\n")
    aside.rename(place)
    return iter(())


def carry_out(sc, arguments, folder, what, todo):
    """Has the cluster do all that is not kept from before, each shard in a program of its own."""
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)
    unknown = {name for name in os.listdir(kept) if name.split("-")[0] in {s.name.split("-")[0] for s in todo}}
    unknown -= {shard.name for shard in todo}
    if unknown:
        raise Refused(f"{kept / min(unknown)}: no shard of this size; give the sizes of before, or another folder")
    left = [shard for shard in todo if not (kept / shard.name).exists()]
    print(f"{what}: {len(todo)} shards, {len(todo) - len(left)} of them done before", file=sys.stderr, flush=True)
    if not left:
        return
    rdds, places = [], []
    for command in sorted({shard.command for shard in left}):
        some = [shard for shard in left if shard.command == command]
        line = shlex.join(program(arguments, command, folder))
        environment = {"PATH": os.environ["PATH"]}
        rdds.append(sc.parallelize([s.line for s in some], len(some)).pipe(line, environment, checkCode=True))
        places += [kept / shard.name for shard in some]
    job = sc.union(rdds).mapPartitionsWithIndex(lambda part, lines: keep(lines, places[part]))
    start = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        counting = pool.submit(job.count)
        while not wait([counting], 0.5).done:
            show(kept, left, time.monotonic() - start)
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
        try:
            counting.result()
        except Exception as error:
            said = re.search(r"error\t([^\n]*)", str(error)) or re.search(r"([^\n]*)", str(error))
            raise Refused(f"{what}: {said.group(1)}") from None
    seconds, ballots = time.monotonic() - start, sum(shard.ballots for shard in left)
    rate = f", {ballots / seconds:,.0f} ballots/s" if ballots else ""
    print(f"{what}: {len(left)} shards in {seconds:.1f} s{rate}", file=sys.stderr, flush=True)


def show(kept, left, seconds):
    """Progress, where somebody looks."""
    if not sys.stderr.isatty():
        return
    there = set(os.listdir(kept))
    done = [shard for shard in left if shard.name in there]
    weight, of = sum(shard.weight for shard in done), sum(shard.weight for shard in left)
    full = int(20 * weight / of)
    rate, more = sum(shard.ballots for shard in done) / seconds, seconds * (of - weight) / weight if weight else 0
    line = f"    {'█' * full}{'░' * (20 - full)} {len(done)}/{len(left)} shards, {rate:,.0f} ballots/s, "
    print(f"\r\x1b[K{line}{f'{more:.0f} s left' if weight else 'starting'}", end="", file=sys.stderr, flush=True)


def spot_check(arguments, folder, all_shards):
    """Some shards once more, on this machine, whose owner trusts it: lines and marks must be the same bytes."""
    chosen = random.SystemRandom().sample(all_shards, min(arguments.spot_check, len(all_shards)))
    again = folder / "again"
    for shard in chosen:
        shutil.rmtree(again, ignore_errors=True)
        by, *kept = (folder / "kept" / shard.name).read_text().splitlines()
        if shard.command == "join":
            said = call(arguments, "join", folder, int(shard.line), stdout=subprocess.PIPE)
        else:
            first, count = shard.line.split("\t")
            more = ["--first", first, "--count", count, "--marks", again]
            said = call(arguments, shard.command, folder, *more, stdout=subprocess.PIPE)
        marks = [Path("marks", bucket.name, shard.name) for bucket in again.iterdir()] if again.exists() else []
        same = all(filecmp.cmp(folder / mark, again / mark.relative_to("marks"), False) for mark in marks)
        if said.splitlines() != kept or not same:
            raise Refused(f"{shard.name} is another on this machine: it was done by {by[3:]}")
    shutil.rmtree(again, ignore_errors=True)
    print(f"{len(chosen)} shards done again here: the same bytes", file=sys.stderr, flush=True)


def audit(sc, arguments, record):
    folder = (arguments.folder / record.stem).absolute()
    fields = dict(line.split("\t", 1) for line in
                  call(arguments, "split", record, folder, stdout=subprocess.PIPE).splitlines())
    lists = [*shards("ballots", "verify", int(fields["ballots"]), arguments.shard),
             *shards("roll", "roll", int(fields["roll"]), arguments.roll_shard)]
    joins = [Shard(f"join-{bucket:02}", "join", str(bucket)) for bucket in range(BUCKETS)]
    merged = ""
    # Of a contest that cannot be read nothing can be verified; judge says why.
    if "contest" in fields:
        carry_out(sc, arguments, folder, "verify and roll", lists)
        carry_out(sc, arguments, folder, "join", joins)
        if arguments.spot_check:
            spot_check(arguments, folder, lists + joins)
        merged = call(arguments, "merge", folder, stdout=subprocess.PIPE)
    more = [text for name in ("fingerprint", "seats") for value in [getattr(arguments, name)] if value
            for text in (f"--{name}", value)]
    return subprocess.run(program(arguments, "judge", folder, *more), input=merged, text=True).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="+", type=Path, help="in JSON, counted or closed")
    parser.add_argument("--folder", type=Path, required=True, help="on storage that all machines share; a folder "
                        "a record is made in it, with what is finished, and given again it goes on from there")
    parser.add_argument("--master", help="the cluster, spark://HOST:PORT; without it, what spark-submit says")
    parser.add_argument("--program", default="urne-shard", help="urne-shard, the same path on all machines")
    parser.add_argument("--shard", type=int, default=16_384, metavar="N", help="ballots a shard")
    parser.add_argument("--roll-shard", type=int, default=131_072, metavar="N", help="roll entries a shard")
    parser.add_argument("--spot-check", type=int, default=0, metavar="N", help="do so many again on this machine")
    parser.add_argument("--fingerprint", metavar="HEX", help="the contest that is meant; of one record")
    parser.add_argument("--seats", metavar="N", help="how many seats there are")
    parser.add_argument("--usage", type=Path, metavar="FILE", help="where programs note what they took")
    arguments = parser.parse_args()
    if min(arguments.shard, arguments.roll_shard) < 1:
        parser.error("a shard has at least one ballot or entry")
    names = [record.stem for record in arguments.records]
    if len(set(names)) < len(names):
        parser.error("two records of one name")
    conf = SparkConf().setAppName("urne").set("spark.ui.showConsoleProgress", "false").set("spark.log.level", "ERROR")
    if arguments.master:
        conf.setMaster(arguments.master)
    status = 0
    with SparkContext(conf=conf) as sc:
        for record in arguments.records:
            if len(names) > 1:
                print(f"== {record.stem}", flush=True)
            try:
                found = audit(sc, arguments, record)
            except Refused as error:
                print(f"{record}: {error}", file=sys.stderr, flush=True)
                found = 2
            status = max(status, found)
        if arguments.usage:
            note_driver(sc, arguments.usage)
    return status


def note_driver(sc, file):
    """The greatest memory of the driver's own two processes, in the programs' file."""
    for name, pid in (("driver-python", os.getpid()), ("driver-jvm", sc._gateway.proc.pid)):
        status = Path(f"/proc/{pid}/status").read_text()
        ticks = [int(n) for n in Path(f"/proc/{pid}/stat").read_text().rsplit(") ")[-1].split()[11:13]]
        seconds = sum(ticks) / os.sysconf("SC_CLK_TCK")
        peak = re.search(r"VmHWM:\s*(\d+)", status).group(1)
        with file.open("a") as out:
            out.write(f"{name}\t{seconds:.2f}\t{peak}\n")


if __name__ == "__main__":
    sys.exit(main())
