"""The services that an optimised integration or an `aws-sdk:` Resource reaches: one file a service, one function an
action."""
