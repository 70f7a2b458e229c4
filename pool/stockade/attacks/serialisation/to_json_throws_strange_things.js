// attack: throws from toJSON what the bridge must not trust
// expect: unserializable
// layer: worker
({ toJSON() { throw { kind: 'returned', message: { toString() { throw 1; } }, get name() { throw 2; } }; } });
