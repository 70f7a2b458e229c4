from speaking import ready_and_running, send, wait_for_the_end

ready_and_running()
send(b'{"type":"call","call":1,"binding":"never","args":' + b"[" * 400_000 + b"]" * 400_000 + b"}\n")
wait_for_the_end()
