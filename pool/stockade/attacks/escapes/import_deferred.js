// attack: imports with the other new phase
// expect: syntax
// layer: worker
const later = import.defer('node:fs');
later.then((fs) => fs.readFileSync('/etc/passwd'));
