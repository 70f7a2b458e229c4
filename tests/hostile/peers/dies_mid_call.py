import os

from speaking import ready_and_running, say

ready_and_running()
say(type="call", call=1, binding="never", args=[])
os._exit(9)
