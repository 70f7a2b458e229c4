// attack: returns a Proxy that was revoked
// expect: unserializable, exception
// layer: worker
const { proxy, revoke } = Proxy.revocable([], {});
revoke();
[proxy];
