// attack: returns a Proxy that was revoked
// expect: unserializable
// layer: worker
const { proxy, revoke } = Proxy.revocable([], {});
revoke();
[proxy];
