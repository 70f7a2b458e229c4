// attack: climbs from the error of a binding that failed
// expect: ok
// uses: probe
fails({}).catch((error) => (error instanceof Error ? contained(error) : 'ESCAPED: an error of another realm'));
