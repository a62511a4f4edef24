#!/usr/bin/env python3
"""Runs a program over files and says how each run ended: measure.py SECONDS PROGRAM ARGUMENT... < names of files

For each file a line: exit status (negative for a signal), peak memory in KiB, the file. A run that takes longer than
SECONDS is killed. The peak is that of the program alone: this process is small when it starts it.
"""

import os
import subprocess
import sys
import threading

limit, command = float(sys.argv[1]), sys.argv[2:]
for line in sys.stdin:
    path = line.rstrip("\n")
    process = subprocess.Popen([*command, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    timer = threading.Timer(limit, process.kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    print(process.returncode, usage.ru_maxrss, path, flush=True)
