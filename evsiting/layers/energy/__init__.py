"""Energy: power by place, solar and wind resource, transmission lines nearby."""
