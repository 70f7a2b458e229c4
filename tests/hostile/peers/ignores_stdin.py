from speaking import ready

ready()
while True:
    pass
