import os

from speaking import ready_and_running, send

ready_and_running()
send(b'{"type":"returned","val')
os._exit(0)
