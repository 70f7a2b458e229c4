from speaking import send, wait_for_the_end

send(b'{"type":"ready","version":1,"node":"24.19.0"}\n' * 2)
wait_for_the_end()
