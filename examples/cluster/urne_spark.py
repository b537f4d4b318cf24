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
ENTRY = 0.04


class Refused(Exception):
    """What goes wrong with the cluster, its files or its parts; of a false record the verdict tells."""


def tell(text):
    print(text, file=sys.stderr, flush=True)


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
    done = subprocess.run(program(arguments, command, folder, *more), check=False, text=True, **streams)
    if done.returncode:
        raise Refused(f"{command} ends with status {done.returncode}")
    return done.stdout


def keep(lines, places):
    """On a worker: keeps what a program said of each shard, if it said all of it. No one finds half of it."""
    said = ""
    by = f"by\t{socket.gethostname()}\n"
    lines, places = iter(lines), iter(places)
    try:
        for line in lines:
            said += f"{line}\n"
            if line.startswith("report\t"):
                place = next(places)
                aside = place.with_name(f".{place.name}.{socket.gethostname()}.{os.getpid()}")
                aside.write_text(by + said)
                aside.rename(place)
                said = ""
    except Exception as error:
        # The program's own words, if there are any.
        last = said.splitlines()[-1:]
        raise RuntimeError(last[0] if last and last[0].startswith("error\t") else str(error)) from error
    for place in places:
        raise RuntimeError(f"error\t{place}: the program ended without a report")
    return iter(())


def carry_out(sc, arguments, folder, what, todo):
    """Has the cluster do all that is not kept from before, each shard in a program of its own."""
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)
    kinds = {shard.name.split("-")[0] for shard in todo}
    there = {name for name in os.listdir(kept) if name.split("-")[0] in kinds}
    if unknown := there - {shard.name for shard in todo}:
        raise Refused(f"{kept / min(unknown)}: no shard of this size; give the old sizes, or another folder")
    left = [shard for shard in todo if shard.name not in there]
    tell(f"{what}: {len(todo)} shards, {len(todo) - len(left)} of them done before")
    if not left:
        return
    rdds, places = [], []
    for command in sorted({shard.command for shard in left}):
        some = [shard for shard in left if shard.command == command]
        # Joins are short: a program does some of them.
        parts = min(len(some), 4 * sc.defaultParallelism) if command == "join" else len(some)
        groups = [some[part::parts] for part in range(parts)]
        places += [[kept / shard.name for shard in group] for group in groups]
        lines = sc.parallelize([[shard.line for shard in group] for group in groups], parts).flatMap(iter)
        environment = {"PATH": os.environ["PATH"]}
        rdds.append(lines.pipe(shlex.join(program(arguments, command, folder)), environment, checkCode=True))
    job = sc.union(rdds).mapPartitionsWithIndex(lambda part, lines: keep(lines, places[part]))
    start = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        counting = pool.submit(job.count)
        try:
            while not wait([counting], 0.5).done:
                show(kept, left, time.monotonic() - start)
        except KeyboardInterrupt:
            sc.cancelAllJobs()
            raise
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
        try:
            counting.result()
        except Exception as error:
            said = re.search(r"error\t([^\n]*)", str(error)) or re.search(r"([^\n]*)", str(error))
            raise Refused(f"{what}: {said.group(1)}") from None
    seconds, ballots = time.monotonic() - start, sum(shard.ballots for shard in left)
    rate = f", {ballots / seconds:,.0f} ballots/s" if ballots else ""
    tell(f"{what}: {len(left)} shards in {seconds:.1f} s{rate}")


def show(kept, left, seconds):
    """Progress, where somebody looks."""
    if not sys.stderr.isatty():
        return
    there = set(os.listdir(kept))
    done = [shard for shard in left if shard.name in there]
    weight, of = sum(shard.weight for shard in done), sum(shard.weight for shard in left)
    full = int(20 * weight / of)
    rate = sum(shard.ballots for shard in done) / seconds
    more = f"{seconds * (of - weight) / weight:.0f} s left" if weight else "starting"
    bar = f"{'█' * full}{'░' * (20 - full)} {len(done)}/{len(left)} shards"
    print(f"\r\x1b[K    {bar}, {rate:,.0f} ballots/s, {more}", end="", file=sys.stderr, flush=True)


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
        marks = [file.relative_to(again) for file in again.glob("*/*")]
        there = all((folder / "marks" / mark).exists() for mark in marks)
        same = there and all(filecmp.cmp(folder / "marks" / mark, again / mark, False) for mark in marks)
        if said.splitlines() != kept or not same:
            raise Refused(f"{shard.name} is another on this machine: it was done by {by[3:]}")
    shutil.rmtree(again, ignore_errors=True)
    tell(f"{len(chosen)} shards done again here: the same bytes")


def audit(sc, arguments, record):
    folder = (arguments.folder / record.stem).absolute()
    fields = call(arguments, "split", record, folder, stdout=subprocess.PIPE).splitlines()
    fields = dict(line.split("\t", 1) for line in fields)
    lists = [
        *shards("ballots", "verify", int(fields["ballots"]), arguments.shard),
        *shards("roll", "roll", int(fields["roll"]), arguments.roll_shard),
    ]
    joins = [Shard(f"join-{bucket:02}", "join", str(bucket)) for bucket in range(BUCKETS)]
    merged = ""
    # Of a contest that cannot be read nothing can be verified; judge says why.
    if "contest" in fields:
        carry_out(sc, arguments, folder, "verify and roll", lists)
        carry_out(sc, arguments, folder, "join", joins)
        if arguments.spot_check:
            spot_check(arguments, folder, lists + joins)
        merged = call(arguments, "merge", folder, stdout=subprocess.PIPE)
    more = [f"--{name}={vars(arguments)[name]}" for name in ("fingerprint", "seats") if vars(arguments)[name]]
    judge = program(arguments, "judge", folder, *more)
    return subprocess.run(judge, check=False, input=merged, text=True).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="+", type=Path, help="in JSON, counted or closed")
    parser.add_argument("--folder", type=Path, required=True, help="on storage that all machines share")
    parser.add_argument("--master", help="the cluster, spark://HOST:PORT; without it, what spark-submit says")
    parser.add_argument("--program", default="urne-shard", help="urne-shard, the same path on all machines")
    parser.add_argument("--shard", type=int, default=16_384, metavar="N", help="ballots a shard")
    parser.add_argument("--roll-shard", type=int, default=65_536, metavar="N", help="roll entries a shard")
    parser.add_argument("--spot-check", type=int, default=0, metavar="N", help="do so many again here")
    parser.add_argument("--fingerprint", metavar="HEX", help="the contest that is meant; of one record")
    parser.add_argument("--seats", metavar="N", help="how many seats there are")
    parser.add_argument("--usage", type=Path, metavar="FILE", help="where programs note what they took")
    arguments = parser.parse_args()
    if min(arguments.shard, arguments.roll_shard) < 1:
        parser.error("a shard has at least one ballot or entry")
    if not shutil.which(arguments.program):
        parser.error(f"there is no program {arguments.program}: build it, and say where it is with --program")
    names = [record.stem for record in arguments.records]
    if len(set(names)) < len(names):
        parser.error("two records of one name")
    conf = SparkConf().setAppName("urne")
    conf.set("spark.ui.showConsoleProgress", "false").set("spark.log.level", "ERROR")
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
                tell(f"{record}: {error}")
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
