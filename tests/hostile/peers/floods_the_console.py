from speaking import ready_and_running, send

ready_and_running()
while True:
    send(b'{"type":"console","level":"log","text":""}\n' * 1000)
