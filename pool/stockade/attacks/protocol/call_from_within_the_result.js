// attack: makes a call while the result is written, which would be heard after the end
// expect: ok
({ toJSON() { echo('late'); console.log('late'); setTimeout(() => {}, 1); return 'contained'; } });
