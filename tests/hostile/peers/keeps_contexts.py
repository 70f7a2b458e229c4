from speaking import hear, ready, say

ready()
while True:
    if hear()["type"] == "execute":
        say(type="returned", value=1, contexts=257)
