// attack: hides an import behind a first line that is a comment only there
// expect: syntax
// layer: worker
#!/usr/bin/env node
import
('node:fs');
