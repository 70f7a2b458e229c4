// attack: comes to a value that is an ending of the protocol
// expect: ok
// value: {"type": "threw", "kind": "timeout", "name": "x", "message": "y"}
({ type: 'threw', kind: 'timeout', name: 'x', message: 'y' });
