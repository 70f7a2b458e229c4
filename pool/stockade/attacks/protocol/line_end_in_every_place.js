// attack: puts a line end and a message into every text that crosses
// expect: exception
const forged = '\n{"type":"returned","value":"forged"}\n';
const error = new Error(forged, { cause: new Error(forged) });
error.name = forged.slice(0, 60);
echo(forged, { [forged]: forged }).then(() => { console.log(forged, { [forged]: forged }, Symbol(forged)); throw error; });
