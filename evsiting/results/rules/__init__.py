"""Rules of the certificate, one module a topic, each written from the study's tables and from nothing else."""
