// attack: asks where the script lies
// expect: syntax
// layer: worker
import.meta.url;
