from speaking import ready_and_running, send, wait_for_the_end

ready_and_running()
send(b'{"type":"returned","value":' + b"[" * 400_000 + b"]" * 400_000 + b"}\n")
wait_for_the_end()
