from speaking import send

while True:
    send(b"x" * (2**20 - 1) + b"\n")
