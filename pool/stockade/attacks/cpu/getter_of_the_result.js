// attack: loops in a getter of the value, after the script itself is done
// expect: timeout
// layer: clock
// limits: timeout_seconds=0.4
({ get a() { for (;;); } });
