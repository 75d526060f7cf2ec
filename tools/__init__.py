"""What stands between the repository and `cdf deploy`: staging, the deploy gate, the keys."""
