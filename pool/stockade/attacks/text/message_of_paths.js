// attack: a message that looks like paths of a machine, which are cut where a dead worker wrote them
// expect: exception
// layer: worker
throw new Error('/a'.repeat(1e5) + '/'.repeat(1e5));
