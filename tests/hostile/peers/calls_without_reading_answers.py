from speaking import ready_and_running, say

ready_and_running()
call = 0
while True:
    call += 1
    say(type="call", call=call, binding="large", args=[])
