from zhenwu.config.cli import main

main()
