// attack: returns an object that holds itself, by three roads
// expect: unserializable
// layer: worker
const a = { list: [], map: new Map() };
a.list.push(a);
a.map.set('self', a);
a;
