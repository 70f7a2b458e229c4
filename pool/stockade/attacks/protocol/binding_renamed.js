// attack: renames one binding to another and calls it with a strange this
// expect: ok
Object.defineProperty(echo, 'name', { value: 'never' });
echo.binding = 'never';
(async () => ((await Reflect.apply(echo, { name: 'never', binding: 'never' }, ['x'])) === 'x' ? 'contained' : 'wrong'))();
