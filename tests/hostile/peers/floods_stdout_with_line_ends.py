from speaking import ready_and_running, send

ready_and_running()
while True:
    send(b"\n" * 2**16)
