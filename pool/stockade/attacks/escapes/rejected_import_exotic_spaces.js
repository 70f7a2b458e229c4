// attack: puts a space between import and its bracket that only Unicode knows
// expect: syntax
// layer: worker
import　﻿ ('nothing').catch((error) => error.constructor('return process')().pid);
