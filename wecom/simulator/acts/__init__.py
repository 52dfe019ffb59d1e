"""What people do in their clients: customers on their phones, members in WeCom, admins; and what that calls back."""
