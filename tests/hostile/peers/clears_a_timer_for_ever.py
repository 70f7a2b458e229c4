from speaking import ready_and_running, say

ready_and_running()
say(type="call", call=1, binding="setTimeout", args=[1000])
while True:
    say(type="clear", call=1)
