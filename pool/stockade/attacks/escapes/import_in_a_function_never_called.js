// attack: keeps the import for later, in a function that is only called by a timer
// expect: syntax
// layer: worker
const later = () => import('fs').then((fs) => fs.readFileSync('passwd', 'utf8'));
new Promise((resolve) => setTimeout(() => resolve(later()), 1));
