from speaking import ready_and_running, send

ready_and_running()
while True:
    send(b"x" * 2**16)
