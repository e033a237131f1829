"""Many townships' marts in one folder or object store, partitioned by township (docs/developer/mart.md)."""
