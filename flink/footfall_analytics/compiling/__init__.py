"""From a script to a compiled plan and a submission: needs Flink's jars and Java, in processes of their own."""
