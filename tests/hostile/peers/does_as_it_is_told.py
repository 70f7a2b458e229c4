import json
import os
import signal
import sys
import time

from speaking import hear, ready, send


def drip(text):
    for letter in text.encode():
        os.write(1, bytes([letter]))


def spin():
    while True:
        pass


def fork_and_leave():
    if os.fork():
        os._exit(0)


DEEDS = {
    "send": lambda text: send(text.encode("latin-1")),
    "drip": drip,
    "hear": lambda _: hear(),
    "close": os.close,
    "mutter": lambda size: os.write(2, b"x" * size),
    "wait": time.sleep,
    "stop": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "die": lambda number: os.kill(os.getpid(), number),
    "exit": os._exit,
    "fork": lambda _: fork_and_leave(),
    "spin": lambda _: spin(),
}

ready()
while True:
    message = hear()
    if message["type"] != "execute":
        continue
    for deed, how in json.loads(message["script"]):
        try:
            DEEDS[deed](how)
        except OSError as error:
            print(error, file=sys.stderr)
