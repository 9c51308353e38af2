package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	keepPrivate()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program without its process.
func run(args []string, stdin *os.File, stdout, stderr *os.File) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	// The first signal asks for an orderly end. Its handler is gone before that
	// end begins, so that a second signal ends the process at once.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		stop()
	}()
	c := &cli{stdin: stdin, stdout: stdout, stderr: stderr, env: os.LookupEnv, environ: os.Environ, args: args}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return c.exit(root.ExecuteContext(ctx))
}
