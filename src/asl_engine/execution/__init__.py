"""What happens next: replies in, commands out, no IO. `now` is an argument; chance comes from the seed."""
